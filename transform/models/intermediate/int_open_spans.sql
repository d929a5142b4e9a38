-- One row per ticket and span of time in which it was open, with who it waited for.
-- A run is a stretch from opening or reopening to resolution; it ends at the API's solved_at when
-- that lies within the run, else with the first closed status after it.
{% set in_order = 'partition by ticket_id order by span_no' %}

with

spans as (

    select * from {{ ref('fct_status_spans') }}

),

tickets as (

    select * from {{ ref('stg_tickets') }}

),

resolutions as (

    select ticket_id, solved_at, false as is_present
    from {{ ref('int_resolutions') }}
    where solved_at is not null and not is_gone

    union all

    select ticket_id, solved_at, true as is_present from tickets where solved_at is not null

),

turned as (

    select
        span_id,
        ticket_id,
        span_no,
        waiting_on,
        is_open,
        valid_from,
        valid_from_source,
        valid_to,
        observed_until,
        is_left_truncated,
        is_change_watched,
        {{ value_before('is_open') }} over ({{ in_order }}) as was_open,
        {{ value_before('waiting_on') }} over ({{ in_order }}) is distinct from waiting_on as enters,
        {{ value_after('waiting_on') }} over ({{ in_order }}) is distinct from waiting_on as leaves
    from spans

),

numbered as (

    select
        turned.*,
        sum(case when is_open and was_open is distinct from true then 1 else 0 end)
            over (partition by ticket_id order by span_no rows unbounded preceding) as run_no
    from turned

),

closings as (

    select
        ticket_id,
        run_no,
        min(case when is_open then valid_from end) as run_started_at,
        min(case when not is_open then valid_from end) as closed_at,
        max(case when not is_open and was_open and is_change_watched then 1 else 0 end) = 1 as is_closing_watched,
        max(case when not is_open and was_open then valid_from_source end) as closed_at_source
    from numbered
    group by ticket_id, run_no

),

-- of the resolutions that were seen, the last that is dated within the run; one that was taken back
-- while the status stayed open ends nothing
solved as (

    select closings.ticket_id, closings.run_no, max(resolutions.solved_at) as solved_at
    from closings
    inner join resolutions on closings.ticket_id = resolutions.ticket_id
    where resolutions.solved_at >= closings.run_started_at
        and (resolutions.solved_at <= closings.closed_at or (closings.closed_at is null and resolutions.is_present))
    group by closings.ticket_id, closings.run_no

),

runs as (

    select
        {{ columns_of('closings', ['ticket_id', 'run_no']) }},
        solved.solved_at as solved_at,
        tickets.vanished_at
    from closings
    inner join tickets on closings.ticket_id = tickets.ticket_id
    left join solved on closings.ticket_id = solved.ticket_id and closings.run_no = solved.run_no

),

ends as (

    select
        ticket_id,
        run_no,
        coalesce(solved_at, closed_at) as resolved_at,
        case
            when solved_at is not null then 'api'
            -- a ticket closed at its first sight: nobody saw it close
            when closed_at_source = 'updated_at' and not is_closing_watched then 'updated_at'
            when closed_at is not null then 'history'
        end as resolved_at_source,
        {{ value_after('run_no') }} over (partition by ticket_id order by run_no) is null as is_last_run,
        vanished_at
    from runs

),

open_spans as (

    select
        numbered.span_id,
        numbered.ticket_id,
        numbered.span_no,
        cast(numbered.run_no as integer) as run_no,
        ends.is_last_run,
        numbered.waiting_on,
        numbered.is_left_truncated,
        numbered.was_open is distinct from true as starts_run,
        -- a ticket that goes on waiting for the same party does not move
        numbered.enters or numbered.was_open is distinct from true as enters,
        numbered.leaves
        or (ends.resolved_at is not null and (numbered.valid_to is null or numbered.valid_to >= ends.resolved_at))
            as leaves,
        numbered.valid_from as starts_at,
        {{ least_known('numbered.valid_to', 'ends.resolved_at') }} as ends_at,
        {{ least_known('numbered.observed_until', 'ends.resolved_at') }} as observed_until,
        ends.resolved_at is not null
        and (numbered.valid_to is null or numbered.valid_to >= ends.resolved_at) as ends_run,
        ends.resolved_at,
        ends.resolved_at_source,
        ends.vanished_at
    from numbered
    inner join ends on numbered.ticket_id = ends.ticket_id and numbered.run_no = ends.run_no
    where numbered.is_open
        and (
            ends.resolved_at is null
            or numbered.valid_from < ends.resolved_at
            or numbered.was_open is distinct from true
        )

)

select * from open_spans
