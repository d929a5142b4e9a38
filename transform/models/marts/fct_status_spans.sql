-- One row per ticket and span of time with one status and stage. The spans of a ticket tile its life
-- from creation to its last sight. What was not watched is a span without status.
{% set earlier = 'partition by ticket_id order by sighting_no rows unbounded preceding' %}
{% set in_order = 'partition by ticket_id order by sighting_no' %}

with

sightings as (

    select * from {{ ref('stg_status_history') }}

),

tickets as (

    select * from {{ ref('stg_tickets') }}

),

resolutions as (

    select ticket_id, seen_at, solved_at from {{ ref('int_resolutions') }} where not is_gone

),

calendar as (

    select * from {{ ref('dim_calendar') }}

),

has_calendar as (

    select coalesce(max(case when is_business_day then 1 else 0 end), 0) = 1 as has_calendar
    from calendar

),

told as (

    select
        {{ columns_of('sightings', ['ticket_id', 'status', 'stage', 'is_closed', 'waiting_on', 'seen_at']) }},
        tickets.created_at,
        tickets.last_seen_at,
        tickets.updated_at as last_updated_at,
        -- the resolution that was seen with the status; the present one may be a later one
        coalesce(resolutions.solved_at, tickets.solved_at) as told_solved_at
    from sightings
    inner join tickets on sightings.ticket_id = tickets.ticket_id
    left join resolutions
        on sightings.ticket_id = resolutions.ticket_id and sightings.seen_at = resolutions.seen_at

),

placed as (

    select
        ticket_id,
        sighting_no,
        status,
        stage,
        waiting_on,
        is_closed,
        changed_at,
        seen_at,
        previously_seen_at,
        created_at,
        last_seen_at,
        case when last_updated_at <= seen_at then last_updated_at end as updated_at,
        case
            when is_closed
                and told_solved_at > coalesce(previously_seen_at, created_at)
                and told_solved_at <= seen_at
                then told_solved_at
            when is_closed and sighting_no = 1 and told_solved_at = created_at then told_solved_at
        end as solved_at,
        {{ seconds_between('created_at', 'seen_at') }} > {{ var('left_truncation_minutes') }} * 60
            as is_seen_late
    from told

),

dated as (

    select
        placed.*,
        case
            when solved_at is not null then 'solved_at'
            when sighting_no = 1 and not is_closed and not is_seen_late then 'created_at'
            when changed_at is not null then 'updated_at'
            when sighting_no = 1 and updated_at is not null then 'updated_at'
            else 'seen_at'
        end as valid_from_source,
        case
            when solved_at is not null then solved_at
            when sighting_no = 1 and not is_closed and not is_seen_late then created_at
            when changed_at is not null then changed_at
            when sighting_no = 1 and updated_at is not null then updated_at
            else seen_at
        end as dated_at
    from placed

),

in_order as (

    select
        dated.*,
        -- a span never starts before the one it follows, whatever the moments loaded
        max({{ clamp('dated_at', 'created_at', 'last_seen_at') }}) over ({{ earlier }}) as valid_from
    from dated

),

watched as (

    select
        ticket_id,
        sighting_no,
        status,
        stage,
        waiting_on,
        is_closed,
        created_at,
        last_seen_at,
        valid_from_source,
        valid_from,
        case
            when valid_from_source in ('solved_at', 'created_at') then valid_from
            else least(valid_from, greatest(created_at, coalesce(previously_seen_at, created_at)))
        end as valid_from_earliest,
        greatest(
            valid_from,
            least(last_seen_at, case when valid_from_source = 'seen_at' then seen_at else dated_at end)
        ) as valid_from_latest,
        sighting_no = 1 and is_seen_late as is_left_truncated,
        sighting_no > 1 as is_change_watched
    from in_order

),

-- every ticket starts open: what it was before its first sight is a span of its own. As of a moment
-- before the first sight that is all there is
unwatched as (

    select
        tickets.ticket_id,
        0 as sighting_no,
        cast(null as text) as status,
        cast(null as text) as stage,
        'unknown' as waiting_on,
        false as is_closed,
        tickets.created_at,
        tickets.last_seen_at,
        'created_at' as valid_from_source,
        tickets.created_at as valid_from,
        tickets.created_at as valid_from_earliest,
        tickets.created_at as valid_from_latest,
        coalesce(watched.is_left_truncated, true) as is_left_truncated,
        false as is_change_watched
    from tickets
    left join watched on tickets.ticket_id = watched.ticket_id and watched.sighting_no = 1
    where watched.ticket_id is null
        or watched.is_closed
        or watched.valid_from > tickets.created_at

),

spans as (

    select * from watched

    union all

    select * from unwatched

),

tiled as (

    select
        spans.*,
        row_number() over ({{ in_order }}) as span_no,
        {{ value_after('valid_from') }} over ({{ in_order }}) as valid_to,
        coalesce({{ value_after('valid_from') }} over ({{ in_order }}), last_seen_at) as observed_until
    from spans

),

with_days as (

    select
        tiled.*,
        {{ business_day('tiled.valid_from', 'has_calendar.has_calendar') }} as from_day,
        {{ business_day('tiled.observed_until', 'has_calendar.has_calendar') }} as until_day
    from tiled
    cross join has_calendar

),

status_spans as (

    select
        cast(with_days.ticket_id as text) || '-' || cast(with_days.span_no as text) as span_id,
        with_days.ticket_id,
        cast(with_days.span_no as integer) as span_no,
        with_days.status,
        with_days.stage,
        with_days.waiting_on,
        not with_days.is_closed as is_open,
        with_days.valid_from,
        with_days.valid_from_source,
        with_days.valid_from_earliest,
        with_days.valid_from_latest,
        with_days.valid_to,
        with_days.observed_until,
        with_days.valid_to is null as is_current,
        with_days.is_left_truncated,
        with_days.is_change_watched,
        {{ seconds_between('with_days.valid_from', 'with_days.observed_until') }} as calendar_seconds,
        {{ minutes_between('with_days.valid_from', 'with_days.observed_until') }} as calendar_minutes,
        {{ minutes(
            business_seconds_before('with_days.observed_until', 'until_day') ~ ' - '
            ~ business_seconds_before('with_days.valid_from', 'from_day')
        ) }} as business_minutes
    from with_days
    left join calendar as from_day on with_days.from_day = from_day.date_day
    left join calendar as until_day on with_days.until_day = until_day.date_day

)

select * from status_spans
