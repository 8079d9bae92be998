CREATE TABLE conversations (
    id CHAR(32) NOT NULL,
    user_id TEXT NOT NULL,
    kind VARCHAR(16) NOT NULL,
    title VARCHAR(255),
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX conversations_by_owner ON conversations (user_id, kind, created_at);
CREATE TABLE tasks (
    id INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    completed_at DATETIME,
    deleted_at DATETIME,
    PRIMARY KEY (id),
    UNIQUE (user_id, number)
);
CREATE TABLE events (
    id CHAR(32) NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    event_type TEXT NOT NULL,
    type_key TEXT NOT NULL,
    search_text TEXT NOT NULL,
    starts_at DATETIME NOT NULL,
    ends_at DATETIME NOT NULL,
    created_by TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_events_type_key ON events (type_key);
CREATE INDEX ix_events_created_at ON events (created_at);
CREATE TABLE client_secrets (
    secret_hash VARCHAR(64) NOT NULL,
    user_id TEXT NOT NULL,
    expires_at DATETIME NOT NULL,
    PRIMARY KEY (secret_hash)
);
CREATE TABLE messages (
    id INTEGER NOT NULL,
    public_id CHAR(32) NOT NULL,
    conversation_id CHAR(32) NOT NULL,
    role VARCHAR(16) NOT NULL,
    content TEXT NOT NULL,
    sequence_number INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    model VARCHAR(100),
    tokens_used INTEGER,
    feedback VARCHAR(16),
    details JSON NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (conversation_id, sequence_number),
    UNIQUE (public_id),
    FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE
);
CREATE TABLE registrations (
    id CHAR(32) NOT NULL,
    event_id CHAR(32) NOT NULL,
    user_id TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (event_id, user_id),
    FOREIGN KEY(event_id) REFERENCES events (id) ON DELETE CASCADE
);
CREATE TABLE tool_calls (
    id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    tool_name VARCHAR(64) NOT NULL,
    tool_input JSON NOT NULL,
    tool_output JSON NOT NULL,
    status VARCHAR(16) NOT NULL,
    error_message TEXT,
    execution_time_ms INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    completed_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
CREATE INDEX ix_tool_calls_message_id ON tool_calls (message_id);
