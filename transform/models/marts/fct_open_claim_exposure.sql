-- One row per open ticket and currency: what it may still pay. The API tells no claimed amount:
-- this is the probability to be approved, given its age, times the mean amount of approved claims
-- of its type and currency (missing amounts as 0), or times the value in seeds/claim_values.csv. A claim
-- that was decided while its ticket stays open brings what its outcome says, and is not in here.
{% set so_far = 'partition by segment_type, segment order by hours range unbounded preceding' %}
{% set later = 'partition by segment_type, segment order by hours range between 1 following and unbounded following' %}
{% set of_type = 'partition by resolved.ticket_type' %}

with

tickets as (

    select
        *,
        {{ nearest_hours(seconds_between('created_at', 'last_seen_at')) }} as hours
    from {{ ref('fct_ticket_resolution') }}
    where is_open and coalesce(outcome_group not in ('claim_approved', 'claim_declined') or outcome is null, true)

),

incidence as (

    select * from {{ ref('int_incidence') }} where outcome_group = 'claim_approved'

),

claims as (

    select * from {{ ref('fct_claim_payouts') }} where is_approved

),

-- a value names one open ticket, by parcel or by order; by an order number of two it names none
named as (

    select
        tickets.ticket_id as ticket_id,
        upper(trim(claim_values.currency)) as currency,
        claim_values.value,
        case when tickets.parcel_id = claim_values.parcel_id then 1 else 2 end as preference,
        count(*) over (partition by claim_values.order_number, claim_values.parcel_id) as tickets_named
    from {{ ref('claim_values') }} as claim_values
    inner join tickets
        on tickets.order_number = claim_values.order_number or tickets.parcel_id = claim_values.parcel_id

),

claim_values as (

    select ticket_id, currency, value
    from (
        select
            named.*,
            row_number() over (partition by ticket_id order by preference, currency, value) as choice
        from named
        where tickets_named = 1
    ) as chosen
    where choice = 1

),

requests as (

    select
        ticket_id,
        max(case when is_outstanding then age_minutes end) as oldest_request_minutes,
        max(case when is_outstanding then 1 else 0 end) = 0 as is_nothing_outstanding
    from {{ ref('fct_requested_actions') }}
    group by ticket_id

),

totals as (

    select
        segment_type,
        segment,
        max(incidence) as incidence,
        coalesce(max(sum_g), 0) as sum_g,
        coalesce(max(sum_fg), 0) as sum_fg,
        coalesce(max(sum_ffg), 0) as sum_ffg,
        max(sum_d) as sum_d,
        max(sum_e) as sum_e,
        max(sum_fe) as sum_fe,
        sum(n_event) as resolved,
        min(survival) as last_survival
    from incidence
    group by segment_type, segment

),

-- carrier and type where 200 were resolved, else the type, else everything
segments as (

    select
        tickets.ticket_id,
        tickets.hours,
        case
            when cells.resolved >= 200 then 'carrier_and_type'
            when types.resolved > 0 then 'ticket_type'
            else 'all'
        end as segment_type,
        case
            when cells.resolved >= 200 then cells.segment
            when types.resolved > 0 then types.segment
            else 'all'
        end as segment
    from tickets
    left join totals as cells
        on cells.segment_type = 'carrier_and_type'
        and cells.segment = tickets.carrier || ' / ' || tickets.ticket_type
    left join totals as types
        on types.segment_type = 'ticket_type' and types.segment = tickets.ticket_type

),

-- the last step of the curve before each ticket's age: everything on it only grows (or only falls)
merged as (

    select
        segment_type, segment, hours, cast(null as bigint) as ticket_id,
        incidence, survival, n_risk, sum_g, sum_fg, sum_ffg, sum_d, sum_e, sum_fe
    from incidence

    union all

    select
        segment_type, segment, hours, ticket_id,
        null, null, null, null, null, null, null, null, null
    from segments

),

placed as (

    select
        segment_type,
        segment,
        ticket_id,
        coalesce(max(incidence) over ({{ so_far }}), 0) as incidence,
        coalesce(min(survival) over ({{ so_far }}), 1) as survival,
        -- those at risk at the next step after the age, the ticket itself at least
        coalesce(max(n_risk) over ({{ later }}), 1) as n_risk,
        coalesce(max(sum_g) over ({{ so_far }}), 0) as sum_g,
        coalesce(max(sum_fg) over ({{ so_far }}), 0) as sum_fg,
        coalesce(max(sum_ffg) over ({{ so_far }}), 0) as sum_ffg,
        coalesce(max(sum_d) over ({{ so_far }}), 0) as sum_d,
        coalesce(max(sum_e) over ({{ so_far }}), 0) as sum_e,
        coalesce(max(sum_fe) over ({{ so_far }}), 0) as sum_fe
    from merged

),

chances as (

    select
        placed.ticket_id,
        placed.segment_type,
        placed.segment,
        placed.n_risk,
        case
            when placed.survival > 0
                then greatest(0, (totals.incidence - placed.incidence) / placed.survival)
            else 0
        end as p_approval,
        case
            when placed.survival = 0 or totals.incidence - placed.incidence < {{ tolerance() }} then 0
            else
                greatest(
                    0,
                    totals.incidence * totals.incidence * (totals.sum_g - placed.sum_g)
                    - 2 * totals.incidence * (totals.sum_fg - placed.sum_fg)
                    + (totals.sum_ffg - placed.sum_ffg)
                    + (totals.sum_d - placed.sum_d)
                    - 2 * totals.incidence * (totals.sum_e - placed.sum_e)
                    + 2 * (totals.sum_fe - placed.sum_fe)
                ) / (placed.survival * placed.survival)
        end as told_variance
    from placed
    inner join totals
        on placed.segment_type = totals.segment_type and placed.segment = totals.segment
    where placed.ticket_id is not null

),

-- where nobody or everybody of those at risk was approved the sums are 0, and certainty there is none:
-- two approvals and two others more
varied as (

    select
        chances.*,
        greatest(
            told_variance,
            case
                when told_variance < {{ tolerance() }}
                    then (p_approval * n_risk + 2) * ((1 - p_approval) * n_risk + 2)
                        / ((n_risk + 4.0) * (n_risk + 4.0) * (n_risk + 4.0))
                else 0
            end
        ) as p_variance
    from chances

),

-- what a carrier approved of its resolved tickets, beside what carriers on the whole approved of tickets
-- of the same types, 20 approvals as expected added to both: few approvals move the chance little
resolved as (

    select
        carrier,
        ticket_type,
        cast(count(*) as double precision) as tickets,
        cast(sum(case when outcome_group = 'claim_approved' then 1 else 0 end) as double precision) as approved
    from {{ ref('fct_ticket_resolution') }}
    where is_resolved
    group by carrier, ticket_type

),

factors as (

    select
        carrier,
        ({{ sum_in_order('approved', 'ticket_type') }} + 20) / ({{ sum_in_order('expected', 'ticket_type') }} + 20) as factor,
        1 / sqrt({{ sum_in_order('expected', 'ticket_type') }} + 20) as factor_se
    from (
        select
            resolved.carrier,
            resolved.ticket_type,
            resolved.approved,
            resolved.tickets * sum(resolved.approved) over ({{ of_type }}) / sum(resolved.tickets) over ({{ of_type }}) as expected
        from resolved
    ) as beside
    group by carrier

),

pooled as (

    select
        varied.ticket_id as ticket_id,
        varied.segment,
        least(1, varied.p_approval * case
            when varied.segment_type = 'carrier_and_type' then 1 else coalesce(factors.factor, 1)
        end) as p_approval,
        sqrt(varied.p_variance) as p_approval_se,
        case
            when varied.segment_type = 'carrier_and_type' then 0
            else varied.p_approval * coalesce(factors.factor_se, 0)
        end as p_carrier_se
    from varied
    inner join tickets on varied.ticket_id = tickets.ticket_id
    left join factors on tickets.carrier = factors.carrier

),

by_currency as (

    select
        case when grouping(ticket_type) = 0 then ticket_type end as ticket_type,
        currency,
        cast(count(*) as double precision) as approved,
        cast(sum(coalesce(amount, 0)) as double precision) / count(*) as mean_amount,
        -- no decimal holds the square of every amount; doubles add up the same in a fixed order
        {{ sum_in_order('coalesce(cast(amount as double precision) * cast(amount as double precision), 0)', 'ticket_id') }}
        / count(*) as mean_square,
        {{ sum_in_order('coalesce(cast(amount as double precision) * cast(amount as double precision) * cast(amount as double precision), 0)', 'ticket_id') }} / count(*) as mean_cube
    from claims
    where currency <> '(none)'
    group by grouping sets ((currency), (ticket_type, currency))

),

-- how far amounts lie from the mean of their type and currency, relative to it, over all of these; where no
-- two claims can be compared, as far as the mean itself
spread as (

    select
        coalesce(
            {{ sum_in_order('approved * greatest(0, mean_square / (mean_amount * mean_amount) - 1)', 'ticket_type, currency') }}
            / nullif(sum(approved - 1), 0),
            1
        ) as relative_variance
    from by_currency
    where ticket_type is not null and mean_amount > 0

),

-- a mean of one claim is no certainty: below thirty claims amounts vary at least as all do, and skewed as a
-- log-normal is
scattered as (

    select
        by_currency.ticket_type,
        by_currency.currency,
        by_currency.approved,
        by_currency.mean_amount,
        case
            when by_currency.approved >= {{ few() }} or by_currency.mean_amount = 0
                then by_currency.mean_square
            else by_currency.mean_amount * by_currency.mean_amount * (1 + greatest(
                spread.relative_variance,
                (by_currency.mean_square / (by_currency.mean_amount * by_currency.mean_amount) - 1)
                * by_currency.approved / greatest(1, by_currency.approved - 1)
            ))
        end as mean_square,
        by_currency.mean_cube
    from by_currency
    cross join spread

),

amounts as (

    select
        ticket_type,
        currency,
        approved,
        mean_amount,
        mean_square,
        case
            when approved >= {{ few() }} or mean_amount = 0 then mean_cube
            else greatest(mean_cube, power(mean_square / mean_amount, 3))
        end as mean_cube
    from scattered

),

shares as (

    select
        case when grouping(carrier) = 0 then carrier end as carrier,
        currency,
        cast(count(*) as double precision) as approved
    from claims
    group by grouping sets ((currency), (carrier, currency))

),

approved as (

    select
        case when grouping(carrier) = 0 then carrier end as carrier,
        cast(count(*) as double precision) as approved
    from claims
    group by grouping sets ((), (carrier))

),

-- which share of a carrier's approved claims is paid in the currency, of all carriers if it has none
carriers as (

    select distinct tickets.carrier, approved.carrier as approved_carrier
    from tickets
    left join approved on tickets.carrier = approved.carrier

),

currency_shares as (

    select
        carriers.carrier as carrier,
        shares.currency,
        shares.approved / approved.approved as share
    from carriers
    inner join approved on carriers.approved_carrier is not distinct from approved.carrier
    inner join shares on carriers.approved_carrier is not distinct from shares.carrier
    where shares.currency <> '(none)'

),

expected as (

    select
        tickets.ticket_id as ticket_id,
        currency_shares.currency as currency,
        false as is_value_known,
        currency_shares.share * coalesce(by_type.mean_amount, overall.mean_amount) as amount_if_approved,
        currency_shares.share * coalesce(by_type.mean_square, overall.mean_square) as square_if_approved,
        currency_shares.share * coalesce(by_type.mean_cube, overall.mean_cube) as cube_if_approved,
        -- never below 0, as the rounding of equal amounts would have it
        currency_shares.share * currency_shares.share * greatest(
            0,
            coalesce(by_type.mean_square, overall.mean_square)
            - coalesce(by_type.mean_amount, overall.mean_amount)
            * coalesce(by_type.mean_amount, overall.mean_amount)
        ) / coalesce(by_type.approved, overall.approved) as amount_variance
    from tickets
    inner join currency_shares on tickets.carrier = currency_shares.carrier
    inner join amounts as overall
        on overall.ticket_type is null and currency_shares.currency = overall.currency
    left join amounts as by_type
        on tickets.ticket_type = by_type.ticket_type and currency_shares.currency = by_type.currency
    left join claim_values on tickets.ticket_id = claim_values.ticket_id
    where claim_values.ticket_id is null

    union all

    select
        tickets.ticket_id as ticket_id,
        claim_values.currency,
        true as is_value_known,
        cast(claim_values.value as double precision) as amount_if_approved,
        cast(claim_values.value as double precision) * cast(claim_values.value as double precision)
            as square_if_approved,
        cast(claim_values.value as double precision) * cast(claim_values.value as double precision)
        * cast(claim_values.value as double precision) as cube_if_approved,
        0 as amount_variance
    from tickets
    inner join claim_values on tickets.ticket_id = claim_values.ticket_id

),

open_claim_exposure as (

    select
        tickets.ticket_id as ticket_id,
        expected.currency,
        tickets.order_number,
        tickets.parcel_id,
        tickets.brand_id,
        tickets.carrier,
        tickets.ticket_type,
        tickets.status,
        tickets.waiting_on,
        tickets.created_at,
        tickets.unsolved_ticket_age_minutes as age_minutes,
        requests.oldest_request_minutes,
        pooled.segment as estimated_from,
        expected.is_value_known,
        pooled.p_approval,
        sqrt(pooled.p_approval_se * pooled.p_approval_se + pooled.p_carrier_se * pooled.p_carrier_se)
            as p_approval_se,
        pooled.p_carrier_se,
        expected.amount_if_approved as expected_amount_if_approved,
        sqrt(expected.amount_variance) as expected_amount_if_approved_se,
        pooled.p_approval * expected.amount_if_approved as expected_payout_amount,
        greatest(
            0,
            pooled.p_approval * expected.square_if_approved
            - pooled.p_approval * expected.amount_if_approved
            * pooled.p_approval * expected.amount_if_approved
        ) as payout_variance,
        pooled.p_approval * expected.cube_if_approved
        - 3 * pooled.p_approval * expected.square_if_approved * pooled.p_approval * expected.amount_if_approved
        + 2 * pooled.p_approval * expected.amount_if_approved * pooled.p_approval * expected.amount_if_approved
        * pooled.p_approval * expected.amount_if_approved as payout_third_moment,
        coalesce(requests.is_nothing_outstanding, false) as is_nothing_outstanding
    from tickets
    inner join pooled on tickets.ticket_id = pooled.ticket_id
    inner join expected on tickets.ticket_id = expected.ticket_id
    left join requests on tickets.ticket_id = requests.ticket_id

)

select * from open_claim_exposure
