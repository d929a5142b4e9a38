-- Currencies in which the months, or the development triangle, do not add up to the payouts.

with

fact as (

    select
        currency,
        count(*) as approved,
        sum(case when amount_status = 'paid' then amount else 0 end) as paid_amount,
        sum(case when amount_status = 'paid' and payout_month is not null then amount else 0 end)
            as dated_amount
    from {{ ref('fct_claim_payouts') }}
    where is_approved
    group by currency

),

monthly as (

    select currency, sum(approved) as approved, sum(paid_amount) as paid_amount
    from {{ ref('mart_payouts_monthly') }}
    group by currency

),

development as (

    select currency, sum(paid_amount) as paid_amount
    from {{ ref('mart_claim_development') }}
    group by currency

)

select fact.currency, fact.paid_amount, monthly.paid_amount as monthly, development.paid_amount as triangle
from fact
left join monthly on fact.currency = monthly.currency
left join development on fact.currency = development.currency
where monthly.currency is null
    or fact.approved <> monthly.approved
    or fact.paid_amount <> monthly.paid_amount
    or fact.dated_amount <> coalesce(development.paid_amount, 0)
