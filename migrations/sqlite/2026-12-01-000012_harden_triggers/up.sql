-- Nothing to do: SQLite compares rows of any kind. The step is here because both
-- databases count the same steps.
SELECT 1;
