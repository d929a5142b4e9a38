-- One row per period and currency: what was approved in this month and quarter, and in the ones before up
-- to the same moment in them, how much of it is marked as paid by now, and how much is not.

with

as_of as (

    select as_of from {{ ref('stg_as_of') }}

),

{{ comparable_periods() }},

claims as (

    select * from {{ ref('fct_claim_payouts') }} where is_approved

),

within as (

    select periods.period_type, periods.period, claims.*
    from claims
    inner join periods on claims.solved_at >= periods.from_moment and claims.solved_at < periods.before_moment

),

-- a currency of either period is told in both
currencies as (

    select distinct period_type, currency from within

),

counted as (

    select
        period_type,
        period,
        currency,
        count(*) as approved,
        sum(case when is_claim_paid_status then 1 else 0 end) as marked_paid,
        sum(case when amount_status = 'missing' then 1 else 0 end) as missing_amounts,
        sum(coalesce(amount, 0)) as approved_amount,
        sum(case when is_claim_paid_status then coalesce(amount, 0) else 0 end) as marked_paid_amount
    from within
    group by period_type, period, currency

),

period_payouts as (

    select
        periods.period_type as period_type,
        periods.period as period,
        periods.period_start,
        periods.from_moment,
        periods.until_moment,
        periods.is_complete,
        currencies.currency as currency,
        cast(coalesce(counted.approved, 0) as bigint) as approved,
        cast(coalesce(counted.marked_paid, 0) as bigint) as marked_paid,
        cast(coalesce(counted.approved - counted.marked_paid, 0) as bigint) as not_marked_paid,
        cast(coalesce(counted.missing_amounts, 0) as bigint) as missing_amounts,
        cast(coalesce(counted.approved_amount, 0) as numeric(38, 4)) as approved_amount,
        cast(coalesce(counted.marked_paid_amount, 0) as numeric(38, 4)) as marked_paid_amount,
        cast(coalesce(counted.approved_amount - counted.marked_paid_amount, 0) as numeric(38, 4))
            as not_marked_paid_amount,
        coalesce(counted.approved, 0) < {{ few() }} as is_small,
        '{{ var("finance_timezone") }}' as time_zone
    from periods
    inner join currencies on periods.period_type = currencies.period_type
    left join counted
        on periods.period_type = counted.period_type
        and periods.period = counted.period
        and currencies.currency = counted.currency

)

select * from period_payouts
