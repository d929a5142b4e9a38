-- One row per month of the payout, carrier, ticket type and currency. The month is null where the
-- API and the history tell no date. Amounts of approved claims; zero and missing ones are counted.

with

claims as (

    select * from {{ ref('fct_claim_payouts') }} where is_approved

),

payouts_monthly as (

    select
        payout_month,
        carrier,
        ticket_type,
        currency,
        count(*) as approved,
        cast(sum(case when amount_status = 'paid' then 1 else 0 end) as bigint) as payouts,
        cast(sum(case when amount_status = 'zero' then 1 else 0 end) as bigint) as zero_amounts,
        cast(sum(case when amount_status = 'missing' then 1 else 0 end) as bigint) as missing_amounts,
        cast(sum(case when amount_status = 'paid' then amount else 0 end) as numeric(38, 4)) as paid_amount,
        -- the sum of decimals is exact, the sum of doubles depends on their order
        cast(sum(case when amount_status = 'paid' then amount end) as double precision)
        / nullif(sum(case when amount_status = 'paid' then 1 else 0 end), 0) as mean_amount,
        {{ percentile("case when amount_status = 'paid' then cast(amount as double precision) end", 0.5) }} as median_amount,
        {{ percentile("case when amount_status = 'paid' then cast(amount as double precision) end", 0.9) }} as p90_amount,
        cast(
            sum(case when amount_status = 'paid' then amount_reporting end) as numeric(38, 4)
        ) as paid_amount_reporting,
        max(reporting_currency) as reporting_currency,
        cast(
            sum(case when amount_status = 'paid' and amount_reporting is null then 1 else 0 end)
            as bigint
        ) as not_converted,
        '{{ var("finance_timezone") }}' as time_zone
    from claims
    group by payout_month, carrier, ticket_type, currency

)

select * from payouts_monthly
