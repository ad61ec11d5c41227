-- Other programs write addresses with white space around them, and such a row holds its address like any other. There are few of
-- them, so the index is small. Not unique: two rows that hold one address already, one with white space and one without, both
-- stay as they are. The numbers are tab, line feed, vertical tab, form feed, carriage return and space.
CREATE INDEX users_email_untrimmed ON users (trim(email, char(9, 10, 11, 12, 13, 32)) COLLATE NOCASE)
    WHERE email <> trim(email, char(9, 10, 11, 12, 13, 32));
