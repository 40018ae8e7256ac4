"""What can be learnt and merged: counts, moments, distinct values."""
