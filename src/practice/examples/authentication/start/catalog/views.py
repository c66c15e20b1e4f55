from rest_framework import viewsets

from .models import Product
from .serializers import ProductSerializer


class ProductViewSet(viewsets.ReadOnlyModelViewSet):
    """What is on sale, for everybody to see."""

    queryset = Product.objects.filter(is_on_sale=True)
    serializer_class = ProductSerializer
    lookup_field = "slug"
