DROP TABLE legacy_migration;
DROP TABLE legacy_users;
