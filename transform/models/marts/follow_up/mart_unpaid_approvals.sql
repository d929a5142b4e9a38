-- One row per age band, carrier and currency: approved claims that are not marked as paid. Adds up to
-- fct_unpaid_approvals; what has no currency, or no amount, is counted and never left out.

with

approvals as (

    select * from {{ ref('fct_unpaid_approvals') }}

),

unpaid_approvals as (

    select
        age_band_no,
        age_band,
        carrier,
        currency,
        count(*) as tickets,
        cast(sum(coalesce(amount, 0)) as numeric(38, 4)) as amount,
        cast(sum(case when amount_status = 'missing' then 1 else 0 end) as bigint) as missing_amounts,
        cast(sum(case when amount_status = 'zero' then 1 else 0 end) as bigint) as zero_amounts,
        cast(sum(case when is_vanished then 1 else 0 end) as bigint) as vanished,
        min(approved_at) as oldest_approved_at,
        max(as_of) as as_of
    from approvals
    group by age_band_no, age_band, carrier, currency

)

select * from unpaid_approvals
