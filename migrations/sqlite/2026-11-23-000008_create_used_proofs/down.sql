DROP TABLE dpop_proofs_used;
