"""Who works with the console: organisations, their officers, roles, deputies, second factors, sessions."""
