"""Fills a database of the service with a million invitations of the client `dev`: a SQLite file, or the SQL for psql on standard output.

    python3 million.py COUNT service.sqlite
    python3 million.py COUNT | psql …
"""

import sqlite3
import sys

# All columns that have to be filled; ids and times are those of rows that were made one after the other in a month.
SQL = """
INSERT INTO invitations (id, client_id, email, email_norm, redirect_uri, response_mode, delivery, deliver, template_alias, locale,
  template_data, scope, status, generation, send_count, ttl, created_at, expires_at)
SELECT 'million' || substr('000000000000000' || n, -15), 'dev', 'm' || n || '@example.org', 'm' || n || '@example.org',
  'http://127.0.0.1/dev/welcome', 'query', 'direct', 'email', 'invite', 'en', '{"inviter_name":"Ann"}', 'openid email',
  CASE n %% 4 WHEN 0 THEN 'sent' WHEN 1 THEN 'opened' WHEN 2 THEN 'queued' ELSE 'sent' END, 0, 1, 2592000000,
  %(now)s - 1000000 + n, %(now)s + 2592000000 + n
FROM numbers
"""


def main():
    count = int(sys.argv[1])
    if len(sys.argv) > 2:
        numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) "
        now = "(CAST(strftime('%s', 'now') AS INTEGER) * 1000)"
        with sqlite3.connect(sys.argv[2]) as database:
            database.execute(SQL.strip().replace("INSERT", numbers + "INSERT", 1) % {"now": now})
    else:
        numbers = f"WITH numbers(n) AS (SELECT generate_series(1, {count})) "
        now = "(CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT))"
        sql = SQL.strip().replace("substr('000000000000000' || n, -15)", "lpad(CAST(n AS TEXT), 15, '0')")
        print(sql.replace("INSERT", numbers + "INSERT", 1) % {"now": now} + ";")


if __name__ == "__main__":
    main()
