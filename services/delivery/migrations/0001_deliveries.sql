-- One row an order decides; it only moves forward. With every state it has been in.
CREATE TABLE delivery (
  order_id TEXT   NOT NULL PRIMARY KEY,
  state    TEXT   NOT NULL CHECK (state IN ('REQUESTED', 'DEPARTED', 'IN_TRANSIT', 'DELIVERED',
                                            'REJECTED', 'CANCELLED', 'VOID')),
  since    BIGINT NOT NULL,
  refusal  TEXT,
  CHECK ((state = 'REJECTED') = (refusal IS NOT NULL))
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE delivery_event (
  order_id TEXT   NOT NULL REFERENCES delivery (order_id),
  state    TEXT   NOT NULL,
  at       BIGINT NOT NULL,
  PRIMARY KEY (order_id, state)
) /*sqlite WITHOUT ROWID*/;

-- How many couriers there are, by hand; the newest row counts, and 0 refuses new deliveries.
CREATE TABLE couriers (
  seq       /*sqlite INTEGER*/ /*postgresql BIGINT GENERATED ALWAYS AS IDENTITY*/ PRIMARY KEY,
  at        BIGINT NOT NULL,
  available BIGINT NOT NULL CHECK (available >= 0)
);

/*postgresql
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE integrity_constraint_violation USING MESSAGE = TG_ARGV[0];
END $$;
*/

CREATE TRIGGER delivery_moves_forward BEFORE UPDATE ON delivery FOR EACH ROW
WHEN (NOT (OLD.order_id = NEW.order_id
          AND (OLD.state || '>' || NEW.state) IN ('REQUESTED>DEPARTED', 'REQUESTED>CANCELLED',
                                                  'DEPARTED>IN_TRANSIT', 'IN_TRANSIT>DELIVERED')))
/*sqlite BEGIN SELECT RAISE(ABORT, 'a delivery only moves forward'); END*/
/*postgresql EXECUTE FUNCTION refuse('a delivery only moves forward')*/;

CREATE TRIGGER delivery_stays BEFORE DELETE ON delivery FOR EACH ROW
/*sqlite BEGIN SELECT RAISE(ABORT, 'a delivery is never deleted'); END*/
/*postgresql EXECUTE FUNCTION refuse('a delivery is never deleted')*/;

CREATE TRIGGER delivery_event_is_not_changed BEFORE UPDATE ON delivery_event FOR EACH ROW
/*sqlite BEGIN SELECT RAISE(ABORT, 'events are only appended to'); END*/
/*postgresql EXECUTE FUNCTION refuse('events are only appended to')*/;

CREATE TRIGGER delivery_event_is_not_shortened BEFORE DELETE ON delivery_event FOR EACH ROW
/*sqlite BEGIN SELECT RAISE(ABORT, 'events are only appended to'); END*/
/*postgresql EXECUTE FUNCTION refuse('events are only appended to')*/;

INSERT INTO couriers (at, available) VALUES (0, 100);
