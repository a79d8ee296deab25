"""What `vamaild demo` plays: a week of sample mail, and the configuration it is judged by."""
