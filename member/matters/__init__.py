"""A matter on the member's side: case data, documents, and the bundle that a court can check offline."""
