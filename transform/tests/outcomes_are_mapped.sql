-- Outcomes that seeds/outcome_map.csv does not know. They count as unknown.
{{ config(severity='warn') }}

select distinct tickets.outcome
from {{ ref('fct_ticket_resolution') }} as tickets
left join {{ ref('outcome_map') }} as outcomes on tickets.outcome = outcomes.outcome
where tickets.outcome is not null and outcomes.outcome is null
