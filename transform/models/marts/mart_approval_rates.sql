-- One row per segment: how many decided claims were approved, among tickets old enough to be decided.
-- The adjusted rate gives every carrier the account's mix of types, and every type its mix of carriers.

with

claims as (

    select * from {{ ref('fct_claim_payouts') }} where is_decided and is_mature

),

counted as (

    select
        case
            when grouping(carrier) = 0 and grouping(ticket_type) = 0 then 'carrier_and_type'
            when grouping(carrier) = 0 then 'carrier'
            when grouping(ticket_type) = 0 then 'ticket_type'
            else 'all'
        end as segment_type,
        case
            when grouping(carrier) = 0 and grouping(ticket_type) = 0 then carrier || ' / ' || ticket_type
            when grouping(carrier) = 0 then carrier
            when grouping(ticket_type) = 0 then ticket_type
            else 'all'
        end as segment,
        carrier,
        ticket_type,
        count(*) as decided,
        sum(case when is_approved then 1 else 0 end) as approved
    from claims
    group by grouping sets ((), (carrier), (ticket_type), (carrier, ticket_type))

),

shares as (

    select * from counted where segment_type in ('carrier', 'ticket_type')

),

cells as (

    select
        carrier,
        ticket_type,
        decided,
        {{ ratio('approved', 'decided') }} as rate,
        {{ wilson('approved', 'decided', '-') }} as rate_lo,
        {{ wilson('approved', 'decided', '+') }} as rate_hi
    from counted
    where segment_type = 'carrier_and_type'

),

weighted as (

    select
        'carrier' as segment_type,
        cells.carrier as segment,
        shares.segment as stratum,
        cells.rate,
        cells.rate_lo,
        cells.rate_hi,
        cast(shares.decided as double precision) as weight
    from cells
    inner join shares on shares.segment_type = 'ticket_type' and cells.ticket_type = shares.segment

    union all

    select
        'ticket_type' as segment_type,
        cells.ticket_type as segment,
        shares.segment as stratum,
        cells.rate,
        cells.rate_lo,
        cells.rate_hi,
        cast(shares.decided as double precision) as weight
    from cells
    inner join shares on shares.segment_type = 'carrier' and cells.carrier = shares.segment

),

-- MOVER: each cell's own Wilson interval, put together like the rates
adjusted as (

    select
        segment_type,
        segment,
        sum(weight) as weight,
        {{ sum_in_order('weight * rate', 'stratum') }} / sum(weight) as rate,
        sqrt({{ sum_in_order('weight * weight * (rate - rate_lo) * (rate - rate_lo)', 'stratum') }}) / sum(weight) as below,
        sqrt({{ sum_in_order('weight * weight * (rate_hi - rate) * (rate_hi - rate)', 'stratum') }}) / sum(weight) as above
    from weighted
    group by segment_type, segment

),

totals as (

    select decided from counted where segment_type = 'all'

),

-- over nine tenths of the account's mix: less of it is not the account's mix
covering as (

    select adjusted.*
    from adjusted
    cross join totals
    where {{ ratio('adjusted.weight', 'totals.decided') }} >= 0.9

),

approval_rates as (

    select
        counted.segment_type as segment_type,
        counted.segment as segment,
        counted.carrier,
        counted.ticket_type,
        counted.decided as decided,
        cast(counted.approved as bigint) as approved,
        {{ ratio('counted.approved', 'counted.decided') }} as approval_rate,
        {{ wilson('counted.approved', 'counted.decided', '-') }} as approval_rate_lo,
        {{ wilson('counted.approved', 'counted.decided', '+') }} as approval_rate_hi,
        covering.rate as mix_adjusted_rate,
        case when covering.rate is not null then greatest(0, covering.rate - covering.below) end
            as mix_adjusted_rate_lo,
        case when covering.rate is not null then least(1, covering.rate + covering.above) end
            as mix_adjusted_rate_hi,
        {{ ratio('adjusted.weight', 'totals.decided') }} as mix_coverage,
        counted.decided < {{ few() }} as is_small
    from counted
    cross join totals
    left join adjusted
        on counted.segment_type = adjusted.segment_type and counted.segment = adjusted.segment
    left join covering
        on counted.segment_type = covering.segment_type and counted.segment = covering.segment
    where counted.decided > 0

)

select * from approval_rates
