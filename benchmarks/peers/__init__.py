"""What people use today for the same work, each told in the environment where the servers are (dovecot.Account)."""
