DROP INDEX users_email_untrimmed;
