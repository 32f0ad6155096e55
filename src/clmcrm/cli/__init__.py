"""The command line: `clmcrm demo`, `load`, `deadlines`, `sync`, `status`, `doctor`."""
