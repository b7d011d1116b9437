-- Whether a client knows people by a subject of its own (`pairwise`) or by the one that all know them by (`public`).
ALTER TABLE clients ADD COLUMN subject_type TEXT NOT NULL DEFAULT 'public';
