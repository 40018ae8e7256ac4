"""Specs that tests read and change."""

from __future__ import annotations

HEAD = "dq: 1\nevent: order_placed\nversion: 1.2.0\n"
MINIMAL = HEAD + "fields:\n  amount: {type: number}\n"

FULL = """\
dq: 1
event: order_placed
version: 1.2.0                     # SemVer
description: One record per order
owner: growth
tags: [orders, training]
sources:
  web:
    format: jsonl
    fields: {order_id: orderId, email: customer.email}
  crm:
    format: csv
    files: [crm_*.csv, "old/*.csv"]
    delimiter: ";"
    quote: none
    header: [a, b]
    encoding: cp1251
    decimal: ","
    thousands: " "
    multiline: false
    fields: {order_id: "Номер", amount: "Сумма"}
missing: ["", "NULL", "N/A"]
unknown_fields: ignore
fields:
  order_id:
    type: string
    required: true
    clean: [strip, upper]
    checks:
      - pattern: "^[A-Z0-9-]{8,36}$"
  country:
    type: string
    clean: [nfkc, strip, lower, {map: {рф: RU, россия: RU, russia: RU}, otherwise: keep}]
    impute: {constant: ZZ}
    expect:
      - missing: {max: 5%}
  amount:
    type: decimal(12,2)
    missing: ["-"]
    checks:
      - between: [0, 1000000]
        severity: error                            # how bad
        on_fail: quarantine
        mostly: 99%
      - type: {on_fail: set_null, mostly: 99%}
      - between: {min: 0, max: 5, severity: warning}
      - unique
  email: {type: string, pii: true}
  status:
    type: string
    checks:
      - accepted_values: [paid, pending]
  placed_at:
    type: datetime
    formats: [rfc3339, "%d.%m.%Y %H:%M", epoch_ms]
    timezone: Europe/Moscow
  consent: {type: boolean, required: true, words: {true: [yes], false: [no]}}
  year: {type: integer, derive: year(placed_at)}
filter:
  - id: consented
    keep: consent                                  # records that are not kept are `filtered`
checks:
  - id: paid_has_amount
    where: status = 'paid'
    assert: amount > 0
  - unique: [order_id]
dedupe:
  key: [order_id]
  keep: last                                       # first | last
  order_by: placed_at
expect:
  - row_count: {min: 1}
gate:
  quarantined: 1%
  fail_on: error
  profiles:
    staging: {quarantined: 10%, fail_on: error}
ml:
  target: status
  features: [amount, country]
output:
  format: parquet
  fields: [order_id, email, country, amount, status, placed_at]
examples:
  valid:
    - {order_id: A-1000001, amount: "10.50", file: "https://example.com/is/data", consent: "true"}
  invalid:
    - record: {order_id: A-1000002, amount: "-1"}
      violates: [amount.between, paid_has_amount]
"""
