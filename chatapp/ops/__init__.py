"""Operations: health, metrics, logs, jobs, the contract documents, and the command line (`python -m chatapp.ops`)."""
