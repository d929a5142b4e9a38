-- One row per month of creation, carrier and ticket type with claims: counts and approval rate.
-- Holds no money; see mart_payouts_monthly. A rate is fit to be compared where is_mature.

with

claims as (

    select * from {{ ref('fct_claim_payouts') }}

),

maturity as (

    select * from {{ ref('int_maturity') }}

),

counted as (

    select
        created_month,
        carrier,
        ticket_type,
        count(*) as claims,
        sum(case when is_decided then 1 else 0 end) as decided,
        sum(case when is_approved then 1 else 0 end) as approved,
        sum(case when is_decided and not is_approved then 1 else 0 end) as declined,
        sum(case when not is_decided then 1 else 0 end) as not_decided,
        sum(case when amount_status = 'missing' then 1 else 0 end) as approved_without_amount,
        sum(case when is_approved and not is_claim_paid_status then 1 else 0 end) as approved_not_paid,
        sum(case when amount_status = 'on_other_outcome' then 1 else 0 end) as amount_on_other_outcome
    from claims
    group by created_month, carrier, ticket_type

),

claims_monthly as (

    select
        counted.created_month,
        counted.carrier,
        counted.ticket_type,
        counted.claims,
        cast(counted.decided as bigint) as decided,
        cast(counted.approved as bigint) as approved,
        cast(counted.declined as bigint) as declined,
        cast(counted.not_decided as bigint) as not_decided,
        {{ ratio('counted.approved', 'counted.decided') }} as approval_rate,
        {{ wilson('counted.approved', 'counted.decided', '-') }} as approval_rate_lo,
        {{ wilson('counted.approved', 'counted.decided', '+') }} as approval_rate_hi,
        coalesce(
            {{ plus_months('counted.created_month', 1) }} <= maturity.created_until, false
        ) as is_mature,
        cast(counted.approved_without_amount as bigint) as approved_without_amount,
        cast(counted.approved_not_paid as bigint) as approved_not_paid,
        cast(counted.amount_on_other_outcome as bigint) as amount_on_other_outcome,
        '{{ var("finance_timezone") }}' as time_zone
    from counted
    cross join maturity

)

select * from claims_monthly
