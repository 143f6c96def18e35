-- What was told of an order's refunds, one after the other: some platforms tell only the sum.
CREATE TABLE refund (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    order_key TEXT NOT NULL,
    amount TEXT NOT NULL
);
CREATE INDEX refund_order ON refund (source, order_key);
