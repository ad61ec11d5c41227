DROP TABLE issuer_key_sets;
