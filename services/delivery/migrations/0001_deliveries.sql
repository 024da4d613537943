-- One row an order decides; it only moves forward. With every state it has been in.
CREATE TABLE delivery (
  order_id TEXT   NOT NULL PRIMARY KEY,
  state    TEXT   NOT NULL CHECK (state IN ('REQUESTED', 'DEPARTED', 'IN_TRANSIT', 'DELIVERED',
                                            'REJECTED', 'CANCELLED', 'VOID')),
  since    BIGINT NOT NULL,
  refusal  TEXT,
  CHECK ((state = 'REJECTED') = (refusal IS NOT NULL))
) WITHOUT ROWID;

CREATE TABLE delivery_event (
  order_id TEXT   NOT NULL REFERENCES delivery (order_id),
  state    TEXT   NOT NULL,
  at       BIGINT NOT NULL,
  PRIMARY KEY (order_id, state)
) WITHOUT ROWID;

-- How many couriers there are, by hand; the newest row counts, and 0 refuses new deliveries.
CREATE TABLE couriers (
  seq       INTEGER PRIMARY KEY,
  at        BIGINT NOT NULL,
  available BIGINT NOT NULL CHECK (available >= 0)
);

CREATE TRIGGER delivery_moves_forward BEFORE UPDATE ON delivery
WHEN NOT (OLD.order_id = NEW.order_id
          AND (OLD.state || '>' || NEW.state) IN ('REQUESTED>DEPARTED', 'REQUESTED>CANCELLED',
                                                  'DEPARTED>IN_TRANSIT', 'IN_TRANSIT>DELIVERED'))
BEGIN SELECT RAISE(ABORT, 'a delivery only moves forward'); END;

CREATE TRIGGER delivery_stays BEFORE DELETE ON delivery
BEGIN SELECT RAISE(ABORT, 'a delivery is never deleted'); END;

CREATE TRIGGER delivery_event_is_not_changed BEFORE UPDATE ON delivery_event
BEGIN SELECT RAISE(ABORT, 'events are only appended to'); END;

CREATE TRIGGER delivery_event_is_not_shortened BEFORE DELETE ON delivery_event
BEGIN SELECT RAISE(ABORT, 'events are only appended to'); END;

INSERT INTO couriers (at, available) VALUES (0, 100);
