"""The real mail servers of tests/servers.py, for every test that asks for one."""

pytest_plugins = ["tests.servers"]
