{# Descriptions as comments, all of a table's in one statement: dbt-duckdb reads the catalogue back for
   each table first, which the contract makes needless and which costs a second of every nightly run. #}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
{% set comments = [] %}
{% if for_relation and config.persist_relation_docs() and model.description %}
    {% do comments.append('comment on table ' ~ relation ~ ' is ' ~ duckdb_escape_comment(model.description)) %}
{% endif %}
{% if for_columns and config.persist_column_docs() %}
    {% for name, column in model.columns.items() if column.description %}
        {% do comments.append(
            'comment on column ' ~ relation ~ '.' ~ name ~ ' is ' ~ duckdb_escape_comment(column.description)
        ) %}
    {% endfor %}
{% endif %}
{% if comments %}{% do run_query(comments | join(';\n')) %}{% endif %}
{%- endmacro %}
