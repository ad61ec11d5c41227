-- Nothing to do: the file's data_version tells of every table alike. The step is here because both databases count the
-- same steps.
SELECT 1;
