-- Readies what a server before may have left in Temporal's store, where it is the only server of its
-- cluster: run by psql as jumun_temporal, with the database temporal, before temporal_schema.sh.
--
-- A store whose setting up was cut short is made anew: without a namespace but the server's own it holds
-- nothing. And where a server that was killed still counts as a member, on other ports, the new one
-- would spend 45 s in trying to reach it.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SELECT to_regclass('namespaces') IS NULL OR to_regclass('cluster_membership') IS NULL AS holds_nothing \gset
\if :holds_nothing
\else
  SELECT NOT EXISTS (SELECT FROM namespaces WHERE name <> 'temporal-system') AS holds_nothing \gset
\endif
\if :holds_nothing
  DROP SCHEMA public CASCADE;
  CREATE SCHEMA public;
  \connect temporal_visibility
  SET client_min_messages = warning;
  DROP SCHEMA public CASCADE;
  CREATE SCHEMA public;
\else
  DELETE FROM cluster_membership;
\endif
