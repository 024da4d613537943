#!/bin/sh
# Temporal's tables in the databases that setup.sql has made: set up where they are not there, brought up
# to date otherwise. Once before the server starts, and before a newer server does.
#
#   SQL_HOST, SQL_PORT, SQL_PASSWORD   of the server, and of its role jumun_temporal (SQL_USER)
#   TEMPORAL_SQL_TOOL                  the tool of the server's own version; default: that on the PATH
set -eu
export SQL_PLUGIN=postgres12_pgx SQL_USER="${SQL_USER:-jumun_temporal}"
tool=${TEMPORAL_SQL_TOOL:-temporal-sql-tool}

bring_up_to_date() { # DATABASE SCHEMA
  export SQL_DATABASE="$1"
  "$tool" setup-schema --version 0.0 # nothing where the schema is newer
  "$tool" update-schema --schema-name "postgresql/v12/$2"
}

bring_up_to_date temporal temporal
bring_up_to_date temporal_visibility visibility
