-- Nothing to do: SQLite cannot tell another process of a change, which looks at the file's data_version instead. The
-- step is here because both databases count the same steps.
SELECT 1;
