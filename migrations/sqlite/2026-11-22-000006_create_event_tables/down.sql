DROP TABLE auth0_cursors;
DROP TABLE auth0_dead_letters;
DROP TABLE auth0_events_seen;
