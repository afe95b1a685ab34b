"""Operations: the command line (`python -m chatapp.ops`), and a package for each of the release process, the worker
process, periodic jobs, what operators see, the contract documents and demo data."""
