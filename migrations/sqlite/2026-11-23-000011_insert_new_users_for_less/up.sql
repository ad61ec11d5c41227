-- Nothing to do: a file needs no round trips. The step is here because both databases count the same steps.
SELECT 1;
