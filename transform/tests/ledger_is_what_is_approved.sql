-- Currencies and months in which the ledger does not add up to the payouts.

with

ledger as (

    select currency, payout_month, sum(amount) as amount
    from {{ ref('fct_payout_ledger') }}
    group by currency, payout_month

),

monthly as (

    select currency, payout_month, sum(paid_amount) as amount
    from {{ ref('mart_payouts_monthly') }}
    group by currency, payout_month

)

select
    coalesce(ledger.currency, monthly.currency) as currency,
    coalesce(ledger.payout_month, monthly.payout_month) as payout_month
from ledger
full outer join monthly
    on ledger.currency = monthly.currency and ledger.payout_month = monthly.payout_month
where coalesce(ledger.amount, 0) <> coalesce(monthly.amount, 0)
