"""Files as bytes: what they are, what is stored of them, what they are called, whether they are infected.

Only `names`, `scanning`, `inspector_pool` with what it imports, `inspected` and `refusals` are for web workers. The
rest decodes what strangers send and is imported by the child processes of the workshop alone (docs/files.md).
"""
