-- Run once, on the first start with an empty volume. Tables belong to the application's own migrations; here is what
-- only the database's owner may do, and what must exist before them.
CREATE EXTENSION IF NOT EXISTS pgcrypto; -- gen_random_uuid() and hashes
CREATE EXTENSION IF NOT EXISTS pg_trgm; -- Indexes for text search by similarity
