-- Nothing to do: SQLite compares rows of any kind, and has no functions that others could make. The step is here because
-- both databases count the same steps.
SELECT 1;
