"""What can be learnt and merged: one kind of state a file.  `dq.states.base` says the laws."""
