"""Complaints about members and their agencies, disputes about data: entered, answered in time, counted."""
