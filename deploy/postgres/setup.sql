-- The shop's place in a PostgreSQL server (14 or newer): for each of payment, inventory and delivery a
-- role that reaches nothing but a schema of its own in the database jumun, and for Temporal a role that
-- owns the databases temporal and temporal_visibility. Run by psql 15 or newer as a superuser, as often
-- as wanted; the passwords are those of the environment each time:
--
--   export PAYMENT_DB_PASSWORD=… INVENTORY_DB_PASSWORD=… DELIVERY_DB_PASSWORD=… TEMPORAL_DB_PASSWORD=…
--   psql -X -q -d postgres -f deploy/postgres/setup.sql
--
-- After it: temporal_schema.sh. The services make their own tables when they start.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
-- No statement with a password in it reaches the server's log, not even one that fails.
SET log_statement = none;
SET log_min_error_statement = panic;
SET log_min_duration_statement = -1;

\set payment_password ''
\getenv payment_password PAYMENT_DB_PASSWORD
\set inventory_password ''
\getenv inventory_password INVENTORY_DB_PASSWORD
\set delivery_password ''
\getenv delivery_password DELIVERY_DB_PASSWORD
\set temporal_password ''
\getenv temporal_password TEMPORAL_DB_PASSWORD
SELECT '' IN (:'payment_password', :'inventory_password', :'delivery_password', :'temporal_password')
  AS password_missing \gset
\if :password_missing
  DO $$ BEGIN
    RAISE EXCEPTION 'set PAYMENT_DB_PASSWORD, INVENTORY_DB_PASSWORD, DELIVERY_DB_PASSWORD and TEMPORAL_DB_PASSWORD';
  END $$;
\endif

SELECT format('CREATE ROLE %I', wanted)
  FROM unnest(ARRAY['jumun_payment', 'jumun_inventory', 'jumun_delivery', 'jumun_temporal']) AS wanted
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) \gexec
ALTER ROLE jumun_payment LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'payment_password';
ALTER ROLE jumun_inventory LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'inventory_password';
ALTER ROLE jumun_delivery LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'delivery_password';
ALTER ROLE jumun_temporal LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'temporal_password';

-- Text is ordered by its bytes, as in SQLite, whatever the server's own locale.
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8'' LOCALE ''C''', wanted, owner)
  FROM (VALUES ('jumun', current_user), ('temporal', 'jumun_temporal'),
               ('temporal_visibility', 'jumun_temporal')) AS databases (wanted, owner)
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = wanted) \gexec
REVOKE ALL ON DATABASE jumun, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE jumun TO jumun_payment, jumun_inventory, jumun_delivery;

ALTER ROLE jumun_payment IN DATABASE jumun SET search_path = payment;
ALTER ROLE jumun_inventory IN DATABASE jumun SET search_path = inventory;
ALTER ROLE jumun_delivery IN DATABASE jumun SET search_path = delivery;

\connect jumun
SET client_min_messages = warning;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS payment AUTHORIZATION jumun_payment;
CREATE SCHEMA IF NOT EXISTS inventory AUTHORIZATION jumun_inventory;
CREATE SCHEMA IF NOT EXISTS delivery AUTHORIZATION jumun_delivery;
