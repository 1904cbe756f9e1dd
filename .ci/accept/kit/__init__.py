"""The code that the acceptance tests share.

Only the standard library is imported, so every environment can use it, but for fivetran_wire.
"""
