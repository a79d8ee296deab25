"""Mail servers of our own on the loopback interface, for `vamaild demo` and the tests. Never for real mail."""
