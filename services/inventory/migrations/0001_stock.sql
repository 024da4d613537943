-- What is on the shelves. Always: initial (−1 of a discontinued item counts as 0) + adjusted
-- = available + reserved. Few indexes: each costs every order a page to write and to flush.
CREATE TABLE item (
  item_id      TEXT    NOT NULL PRIMARY KEY,
  initial      BIGINT  NOT NULL,
  adjusted     BIGINT  NOT NULL DEFAULT 0,
  available    BIGINT  NOT NULL CHECK (available >= 0),
  reserved     BIGINT  NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  discontinued BOOLEAN NOT NULL DEFAULT FALSE,
  CHECK (CASE WHEN initial < 0 THEN 0 ELSE initial END + adjusted = available + reserved)
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE warehouse (
  name TEXT    NOT NULL PRIMARY KEY,
  open BOOLEAN NOT NULL DEFAULT TRUE
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE item_warehouse (
  item_id   TEXT NOT NULL REFERENCES item (item_id),
  warehouse TEXT NOT NULL REFERENCES warehouse (name),
  PRIMARY KEY (item_id, warehouse)
) /*sqlite WITHOUT ROWID*/;

-- One row an order decides; it only moves forward.
CREATE TABLE reservation (
  order_id   TEXT   NOT NULL PRIMARY KEY,
  item_id    TEXT   NOT NULL,
  state      TEXT   NOT NULL CHECK (state IN ('RESERVED', 'REJECTED', 'VOID', 'RELEASED')),
  refusal    TEXT,
  changed_at BIGINT NOT NULL,
  CHECK ((state = 'REJECTED') = (refusal IS NOT NULL))
) /*sqlite WITHOUT ROWID*/;

-- Every change of a reservation. `units` is what available gained.
CREATE TABLE stock_event (
  seq      /*sqlite INTEGER*/ /*postgresql BIGINT GENERATED ALWAYS AS IDENTITY*/ PRIMARY KEY,
  at       BIGINT NOT NULL,
  order_id TEXT   NOT NULL REFERENCES reservation (order_id),
  item_id  TEXT   NOT NULL,
  state    TEXT   NOT NULL,
  units    BIGINT NOT NULL
);

-- Every change of the stock by hand, and of a warehouse.
CREATE TABLE adjustment (
  seq     /*sqlite INTEGER*/ /*postgresql BIGINT GENERATED ALWAYS AS IDENTITY*/ PRIMARY KEY,
  at      BIGINT NOT NULL,
  item_id TEXT   NOT NULL REFERENCES item (item_id),
  delta   BIGINT NOT NULL,
  reason  TEXT   NOT NULL
);

CREATE TABLE warehouse_event (
  seq       /*sqlite INTEGER*/ /*postgresql BIGINT GENERATED ALWAYS AS IDENTITY*/ PRIMARY KEY,
  at        BIGINT  NOT NULL,
  warehouse TEXT    NOT NULL REFERENCES warehouse (name),
  open      BOOLEAN NOT NULL
);

/*postgresql
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE integrity_constraint_violation USING MESSAGE = TG_ARGV[0];
END $$;
*/

CREATE TRIGGER reservation_moves_forward BEFORE UPDATE ON reservation FOR EACH ROW
WHEN (NOT (OLD.state = 'RESERVED' AND NEW.state = 'RELEASED'
          AND OLD.order_id = NEW.order_id AND OLD.item_id = NEW.item_id))
/*sqlite BEGIN SELECT RAISE(ABORT, 'a reservation only moves from RESERVED to RELEASED'); END*/
/*postgresql EXECUTE FUNCTION refuse('a reservation only moves from RESERVED to RELEASED')*/;

CREATE TRIGGER reservation_stays BEFORE DELETE ON reservation FOR EACH ROW
/*sqlite BEGIN SELECT RAISE(ABORT, 'a reservation is never deleted'); END*/
/*postgresql EXECUTE FUNCTION refuse('a reservation is never deleted')*/;

CREATE TRIGGER stock_event_is_not_changed BEFORE UPDATE ON stock_event FOR EACH ROW
/*sqlite BEGIN SELECT RAISE(ABORT, 'events are only appended to'); END*/
/*postgresql EXECUTE FUNCTION refuse('events are only appended to')*/;

CREATE TRIGGER stock_event_is_not_shortened BEFORE DELETE ON stock_event FOR EACH ROW
/*sqlite BEGIN SELECT RAISE(ABORT, 'events are only appended to'); END*/
/*postgresql EXECUTE FUNCTION refuse('events are only appended to')*/;

CREATE TRIGGER adjustment_is_not_changed BEFORE UPDATE ON adjustment FOR EACH ROW
/*sqlite BEGIN SELECT RAISE(ABORT, 'adjustments are only appended to'); END*/
/*postgresql EXECUTE FUNCTION refuse('adjustments are only appended to')*/;

CREATE TRIGGER adjustment_is_not_shortened BEFORE DELETE ON adjustment FOR EACH ROW
/*sqlite BEGIN SELECT RAISE(ABORT, 'adjustments are only appended to'); END*/
/*postgresql EXECUTE FUNCTION refuse('adjustments are only appended to')*/;

INSERT INTO warehouse (name) VALUES ('SEOUL'), ('BUSAN'), ('DAEGU');

INSERT INTO item (item_id, initial, available, discontinued) VALUES
  ('ITEM_1', 100, 100, FALSE),
  ('ITEM_2',   0,   0, FALSE),
  ('ITEM_3',  -1,   0, TRUE),
  ('ITEM_4',  50,  50, FALSE),
  ('ITEM_5',  50,  50, FALSE),
  ('ITEM_6',  50,  50, FALSE),
  ('ITEM_7',  50,  50, FALSE),
  ('ITEM_8',  50,  50, FALSE),
  ('ITEM_9',  50,  50, FALSE);

INSERT INTO item_warehouse (item_id, warehouse) VALUES
  ('ITEM_1', 'SEOUL'), ('ITEM_1', 'BUSAN'),
  ('ITEM_2', 'BUSAN'),
  ('ITEM_3', 'SEOUL'),
  ('ITEM_4', 'SEOUL'), ('ITEM_4', 'DAEGU'),
  ('ITEM_5', 'SEOUL'), ('ITEM_5', 'DAEGU'),
  ('ITEM_6', 'SEOUL'), ('ITEM_6', 'DAEGU'),
  ('ITEM_7', 'SEOUL'), ('ITEM_7', 'DAEGU'),
  ('ITEM_8', 'SEOUL'), ('ITEM_8', 'DAEGU'),
  ('ITEM_9', 'SEOUL'), ('ITEM_9', 'DAEGU');
