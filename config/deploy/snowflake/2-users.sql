-- Run once, as SECURITYADMIN. Put the public keys in (without their first and last line):
--   openssl genrsa 2048 | openssl pkcs8 -topk8 -v2 aes256 -inform PEM -out tributary.p8
--   openssl rsa -in tributary.p8 -pubout
-- tributary.p8 is SNOWFLAKE_PRIVATE_KEY, its passphrase SNOWFLAKE_PRIVATE_KEY_PASSPHRASE.

CREATE USER IF NOT EXISTS TRIBUTARY_SERVICE
  TYPE = SERVICE
  RSA_PUBLIC_KEY = '<public key of the service>'
  DEFAULT_ROLE = TRIBUTARY_LOADER
  DEFAULT_SECONDARY_ROLES = ()
  DEFAULT_WAREHOUSE = TRIBUTARY_WH
  COMMENT = 'the running service';
GRANT ROLE TRIBUTARY_LOADER TO USER TRIBUTARY_SERVICE;
-- SNOWFLAKE_PURGER_ROLE: the service takes this role on only to delete what is too old, or one person's data.
GRANT ROLE TRIBUTARY_PURGER TO USER TRIBUTARY_SERVICE;

CREATE USER IF NOT EXISTS TRIBUTARY_MIGRATOR
  TYPE = SERVICE
  RSA_PUBLIC_KEY = '<public key of the migrator>'
  DEFAULT_ROLE = TRIBUTARY_OWNER
  DEFAULT_SECONDARY_ROLES = ()
  DEFAULT_WAREHOUSE = TRIBUTARY_WH
  COMMENT = 'npm run migrate';
GRANT ROLE TRIBUTARY_OWNER TO USER TRIBUTARY_MIGRATOR;

ALTER USER TRIBUTARY_SERVICE SET TIMEZONE = 'UTC', LOCK_TIMEOUT = 60;
ALTER USER TRIBUTARY_MIGRATOR SET TIMEZONE = 'UTC';

-- To rotate a key: SET RSA_PUBLIC_KEY_2, restart the service with the new key, UNSET RSA_PUBLIC_KEY.
-- Limit where they may come from: CREATE NETWORK POLICY ... ; ALTER USER TRIBUTARY_SERVICE SET NETWORK_POLICY = ... ;
