-- Statuses that seeds/ticket_status_map.csv does not know. They count as open and waiting_on unknown.
{{ config(severity='warn') }}

select distinct spans.status
from {{ ref('fct_status_spans') }} as spans
left join {{ ref('ticket_status_map') }} as statuses on spans.status = statuses.status
where spans.status is not null and statuses.status is null
