-- One row an order decides; it only moves forward. What moved money stands in the ledger, what did
-- not in payment_event. Few indexes: each costs every order a page to write and to flush.
CREATE TABLE payment (
  order_id     TEXT   NOT NULL PRIMARY KEY,
  state        TEXT   NOT NULL CHECK (state IN ('CAPTURED', 'DECLINED', 'VOID', 'REFUNDED')),
  amount_minor BIGINT NOT NULL,
  refusal      TEXT,
  changed_at   BIGINT NOT NULL,
  CHECK ((state = 'DECLINED') = (refusal IS NOT NULL)),
  CHECK (amount_minor > 0 OR state IN ('DECLINED', 'VOID'))
) /*sqlite WITHOUT ROWID*/;

CREATE TABLE payment_event (
  order_id TEXT   NOT NULL PRIMARY KEY REFERENCES payment (order_id),
  state    TEXT   NOT NULL CHECK (state IN ('DECLINED', 'VOID')),
  at       BIGINT NOT NULL
) /*sqlite WITHOUT ROWID*/;

-- Double entry: each movement of money is two entries that sum to 0. At most one capture and one
-- refund an order.
CREATE TABLE ledger (
  seq          /*sqlite INTEGER*/ /*postgresql BIGINT GENERATED ALWAYS AS IDENTITY*/ PRIMARY KEY,
  at           BIGINT NOT NULL,
  order_id     TEXT   NOT NULL REFERENCES payment (order_id),
  movement     TEXT   NOT NULL CHECK (movement IN ('CAPTURE', 'REFUND')),
  account      TEXT   NOT NULL CHECK (account IN ('customer', 'revenue')),
  amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
  UNIQUE (order_id, movement, account)
);

/*postgresql
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE integrity_constraint_violation USING MESSAGE = TG_ARGV[0];
END $$;
*/

CREATE TRIGGER payment_moves_forward BEFORE UPDATE ON payment FOR EACH ROW
WHEN (NOT (OLD.state = 'CAPTURED' AND NEW.state = 'REFUNDED'
          AND OLD.order_id = NEW.order_id AND OLD.amount_minor = NEW.amount_minor))
/*sqlite BEGIN SELECT RAISE(ABORT, 'a payment only moves from CAPTURED to REFUNDED, whole'); END*/
/*postgresql EXECUTE FUNCTION refuse('a payment only moves from CAPTURED to REFUNDED, whole')*/;

CREATE TRIGGER payment_stays BEFORE DELETE ON payment FOR EACH ROW
/*sqlite BEGIN SELECT RAISE(ABORT, 'a payment is never deleted'); END*/
/*postgresql EXECUTE FUNCTION refuse('a payment is never deleted')*/;

CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger FOR EACH ROW
/*sqlite BEGIN SELECT RAISE(ABORT, 'the ledger is only appended to'); END*/
/*postgresql EXECUTE FUNCTION refuse('the ledger is only appended to')*/;

CREATE TRIGGER ledger_is_not_shortened BEFORE DELETE ON ledger FOR EACH ROW
/*sqlite BEGIN SELECT RAISE(ABORT, 'the ledger is only appended to'); END*/
/*postgresql EXECUTE FUNCTION refuse('the ledger is only appended to')*/;

CREATE TRIGGER payment_event_is_not_changed BEFORE UPDATE ON payment_event FOR EACH ROW
/*sqlite BEGIN SELECT RAISE(ABORT, 'events are only appended to'); END*/
/*postgresql EXECUTE FUNCTION refuse('events are only appended to')*/;

CREATE TRIGGER payment_event_is_not_shortened BEFORE DELETE ON payment_event FOR EACH ROW
/*sqlite BEGIN SELECT RAISE(ABORT, 'events are only appended to'); END*/
/*postgresql EXECUTE FUNCTION refuse('events are only appended to')*/;
