-- Tickets the API says were updated or solved before they were created. Their durations count as 0.
{{ config(severity='warn') }}

select tickets.id
from {{ source('sendcloud', 'tickets') }} as tickets
left join {{ source('sendcloud', 'tickets__resolution') }} as resolutions
    on tickets.id = resolutions.ticket_id
where tickets.updated_at < tickets.created_at or resolutions.solved_at < tickets.created_at
