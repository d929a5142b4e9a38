{# A null carrier or type has a name, so that totals add up. A segment of both is written
   `carrier / type`: a name that holds the separator would let two cells share a segment. #}
{% macro none_named(column) %}coalesce(nullif(replace(trim({{ column }}), ' / ', '/'), ''), '(none)'){% endmacro %}

{# Value of a dbt variable as SQL, null when it is not set. #}
{% macro moment_var(name) -%}
{% if var(name) %}{{ moment_of(var(name)) }}{% else %}{{ no_moment() }}{% endif %}
{%- endmacro %}

{# Tables get `__next` behind their names while `python -m pipelines marts` builds and checks them; it
   renames all of them at once when the checks have passed. Plain `dbt build` builds in place. #}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
{{ schema_before_name(node) ~ (custom_alias_name or node.name) ~ env_var('SENDCLOUD_UNPUBLISHED', '') }}
{%- endmacro %}

{# ClickHouse has no schemas: all tables stand in one database, the name of a schema before their own, as
   those that are loaded. #}
{% macro schema_before_name(node) -%}
{% if target.type == 'clickhouse' -%}
{% set schema = env_var('SENDCLOUD_MARTS_SCHEMA', 'sendcloud_marts') -%}
{{ schema ~ ('_' ~ node.config.schema if node.config.schema else '') ~ '___' }}
{%- endif %}
{%- endmacro %}

{% macro generate_schema_name(custom_schema_name, node) -%}
{% if target.type == 'clickhouse' %}{{ target.schema }}{% else %}{{ default__generate_schema_name(custom_schema_name, node) }}{% endif %}
{%- endmacro %}
