-- Which DPoP proofs have been used, so that none is used twice at any node. A row counts for as long as its proof would
-- pass otherwise: a minute or so. Times are in milliseconds since 1970, as the program reckons them.
CREATE TABLE dpop_proofs_used (
    digest BYTEA PRIMARY KEY,
    forget_at BIGINT NOT NULL
);
CREATE INDEX dpop_proofs_used_forget_at ON dpop_proofs_used (forget_at);
